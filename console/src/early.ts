/**
 * What the first screen needs, asked for while the rest of the page is still being read. The first script, a file of its own
 * that imports nothing: no answer waits for another one, nor for the scripts that will draw it. `firstAnswers.ts` takes them.
 */
const OPEN = ["/console/sign-in", "/console/join"];
const QUEUE = ["/console", "/console/", "/console/queue"];

const { pathname, search } = location;
const asked: string[] = [];
if (!OPEN.includes(pathname)) asked.push("/api/session");
if (QUEUE.includes(pathname)) {
  const owner = new URLSearchParams(search).get("owner");
  asked.push(`/api/queue?${owner ? `owner=${encodeURIComponent(owner)}&` : ""}limit=21`);
}
window.firstAnswers = new Map(
  asked.map((path) => {
    const answer = fetch(path, { credentials: "same-origin" });
    answer.catch(() => undefined); // whoever takes it says so
    return [path, answer];
  }),
);
