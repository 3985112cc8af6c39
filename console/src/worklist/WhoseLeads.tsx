import { Link } from "@tanstack/react-router";

const WHOSE = [
  { name: "Mine", owner: "me" },
  { name: "Everybody’s", owner: undefined },
  { name: "Nobody’s", owner: "none" },
] as const;

interface Props {
  to: "/queue" | "/inbox";
  owner: string | undefined;
}

/** Whose leads a work list shows, in its address. */
export function WhoseLeads({ to, owner }: Props) {
  return (
    <nav className="end pick" aria-label="Whose leads">
      {WHOSE.map((one) => (
        <Link
          key={one.name}
          to={to}
          search={{ owner: one.owner }}
          activeOptions={{ explicitUndefined: true }}
          aria-current={one.owner === owner ? "page" : undefined}
        >
          {one.name}
        </Link>
      ))}
    </nav>
  );
}
