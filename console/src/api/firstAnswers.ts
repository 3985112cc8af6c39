/** The answers that `early.ts` has asked for, each taken by the first call that asks for the same. */

declare global {
  interface Window {
    /** By path and query; not there if that script has not run. */
    firstAnswers?: Map<string, Promise<Response>>;
  }
}

/** `fetch`, or the answer that is under way already. */
export function fetchOrTake(request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const path = pathname + search;
  const answer = request.method === "GET" ? window.firstAnswers?.get(path) : undefined;
  if (answer === undefined) return fetch(request);
  window.firstAnswers?.delete(path);
  return answer;
}
