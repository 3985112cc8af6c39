/** The text of a rulebook under another version; unchanged where it has no line with one. */
export function withVersion(yaml: string, version: number): string {
  return yaml.replace(/^version:[ \t]*\d+/m, `version: ${version}`);
}
