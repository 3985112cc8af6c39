import { Problem } from "../api/client";
import { failed } from "./notices";

/** Say that something failed, with the reason that the engine gives. */
export function sayFailure(what: string): (error: unknown) => void {
  return (error) =>
    failed(`${what}: ${error instanceof Problem ? error.sentence : "the page made a mistake."}`);
}
