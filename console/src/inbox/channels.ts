import { words } from "../format/words";

const NAMES: Partial<Record<string, string>> = {
  email: "e-mail",
  whatsapp: "WhatsApp",
  linkedin: "LinkedIn",
};

/** A channel as it stands in a sentence: "by e-mail". */
export function channelName(channel: string): string {
  return NAMES[channel] ?? words(channel).toLowerCase();
}
