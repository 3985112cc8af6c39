/** The signed-in person, for every screen behind the sign-in. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { api, read, type Schemas } from "./api/client";

export type Session = Schemas["SessionView"];

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("this screen is behind the sign-in");
  return session;
}

export function useMay(): (scope: string) => boolean {
  const { scopes } = useSession();
  return (scope) => scopes.includes(scope);
}

/** Names of people by id, with "you" for the person who looks. */
export function usePeople(): { people: Schemas["PersonView"][]; nameOf: (id: string | null) => string } {
  const me = useSession().person.id;
  const { data } = useQuery(peopleQuery);
  const people = data?.items ?? [];
  const nameOf = (id: string | null) => {
    if (id === null) return "nobody";
    if (id === me) return "You";
    return people.find((one) => one.id === id)?.name ?? id;
  };
  return { people, nameOf };
}

/** The names alone, for the places where one stands now and then: people are read when the first of them is shown. */
export function useNameOf(): (id: string | null) => string {
  return usePeople().nameOf;
}

export const peopleQuery = queryOptions({
  queryKey: ["people"],
  queryFn: () => read(api.GET("/api/people", { params: { query: { limit: 200 } } })),
  staleTime: 60_000,
});
