import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Problem } from "../api/client";
import { done, failed } from "./notices";

interface Change<T> {
  call: () => Promise<T>;
  /** The sentence that says it was done. */
  said: string;
  onDone?: (answer: T) => void;
}

/** A change on the server: it says that it was done or why not, and what it concerns is read again. */
export function useChange<T = unknown>(...concerns: string[][]) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ call }: Change<T>) => call(),
    onSuccess: (answer, { said, onDone }) => {
      done(said);
      onDone?.(answer);
    },
    onError: (error) => failed(error instanceof Problem ? error.sentence : "Nothing was changed."),
    onSettled: () => Promise.all(concerns.map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}
