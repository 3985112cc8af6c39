/** The API client: typed by the OpenAPI document, with the session's cookie, failures as `Problem`. */
import createClient from "openapi-fetch";
import { heardAt } from "../clock";
import { fetchOrTake } from "./firstAnswers";
import type { components, paths } from "./schema";

/** A type with arrays in place of its tuples, as the client gives the bodies of responses. */
type Untupled<T> = T extends readonly (infer One)[]
  ? Untupled<One>[]
  : T extends object
    ? { [Name in keyof T]: Untupled<T[Name]> }
    : T;

export type Schemas = Untupled<components["schemas"]>;

export const api = createClient<paths>({ baseUrl: "", credentials: "same-origin", fetch: fetchOrTake });

interface ProblemBody {
  code?: string;
  title?: string;
  detail?: string;
  message?: string;
  errors?: { pointer: string; detail: string }[];
}

/** A refusal of the API (RFC 9457), or of the network: then `status` is 0. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly faults: readonly { pointer: string; detail: string }[];
  readonly requestId: string;

  constructor(status: number, body: ProblemBody, requestId = "") {
    super(body.detail ?? body.message ?? body.title ?? "The engine does not answer.");
    this.status = status;
    this.code = body.code ?? "";
    this.faults = body.errors ?? [];
    this.requestId = requestId;
  }

  /** The message, and each fault with its field. */
  get sentence(): string {
    const faults = this.faults.map((one) => `${one.pointer.replace(/^[/?]/, "")} ${one.detail}`);
    return faults.length > 0 ? `${this.message} ${faults.join("; ")}.` : this.message;
  }
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a successful answer. Throws `Problem`. */
export async function read<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch {
    throw new Problem(0, {});
  }
  const { data, error, response } = answer;
  heardAt(response.headers.get("date"));
  if (response.ok) return data as T;
  const body = typeof error === "object" && error !== null ? (error as ProblemBody) : {};
  throw new Problem(
    response.status,
    { title: `The engine answered ${response.status}.`, ...body },
    response.headers.get("x-request-id") ?? "",
  );
}
