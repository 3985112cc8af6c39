/** The data of the first screen, read into the cache, so that it is drawn once and whole. */
import { client } from "./queryClient";
import { queueQuery } from "./queue/queueQuery";
import { sessionQuery } from "./sessionQuery";

/** Later than this the screen is drawn without its data, which says that it loads. */
const PATIENCE_MS = 300;

/** Resolves when the first screen can be drawn: when everything is there that `early.ts` has asked for, or was waited for. */
export async function firstScreen(load: () => Promise<void>): Promise<void> {
  const asked = [...(window.firstAnswers?.keys() ?? [])];
  const queue = asked.find((path) => path.startsWith("/api/queue?"));
  const ready = Promise.all([
    load(),
    asked.includes("/api/session") && client.prefetchQuery(sessionQuery),
    queue && client.prefetchQuery(queueQuery(new URLSearchParams(location.search).get("owner") || undefined)),
  ]);
  await Promise.race([ready, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
}
