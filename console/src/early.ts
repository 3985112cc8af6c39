/**
 * What the first screen needs, asked for before anything is drawn, so that no answer waits for another one or for a paint.
 * The first import of the page: its calls are under way while the rest is still being evaluated.
 */
import { client } from "./queryClient";
import { queueQuery } from "./queue/queueQuery";
import { sessionQuery } from "./sessionQuery";

const OPEN = ["/console/sign-in", "/console/join"];
const QUEUE = ["/console", "/console/", "/console/queue"];

const { pathname, search } = location;
if (!OPEN.includes(pathname)) void client.prefetchQuery(sessionQuery);
if (QUEUE.includes(pathname)) {
  void client.prefetchQuery(queueQuery(new URLSearchParams(search).get("owner") ?? undefined));
}
