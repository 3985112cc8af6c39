/** The frame around every screen of a signed-in person: navigation, the live sign, and who is signed in. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useLocation, useRouter } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { Problem } from "../api/client";
import { cityOf } from "../format/time";
import { initials } from "../format/words";
import { CommandList, type ScreenLink } from "../keys/CommandList";
import { Key } from "../keys/Key";
import { KeysDialog } from "../keys/KeysDialog";
import { useActions } from "../keys/useActions";
import { LiveContext } from "../live/context";
import { followLive } from "../live/follow";
import { LiveSign, NewVersion } from "../live/LiveSign";
import { Live } from "../live/live";
import { Failure, Loading } from "../parts/states";
import { type Session, SessionContext } from "../session";
import { sessionQuery } from "../sessionQuery";
import { StepUp } from "../stepUp";

/** The screens that the command list leads to. */
const SCREENS: readonly ScreenLink[] = [
  { name: "your queue", to: "/queue", search: { owner: "me" } },
  { name: "everybody’s queue", to: "/queue" },
  { name: "the inbox", to: "/inbox" },
  { name: "drafts", to: "/inbox/drafts" },
  { name: "messages", to: "/inbox/messages" },
  { name: "the suppression list", to: "/inbox/suppressions", scope: "manage" },
  { name: "leads", to: "/leads" },
  { name: "tasks", to: "/tasks" },
  { name: "accounts", to: "/accounts" },
  { name: "possible duplicates", to: "/duplicates" },
  { name: "rules", to: "/rules" },
  { name: "sequences", to: "/sequences" },
  { name: "campaigns", to: "/campaigns" },
  { name: "analytics of outreach", to: "/analytics" },
  { name: "the team", to: "/team" },
  { name: "operations", to: "/ops", scope: "manage" },
  { name: "imports", to: "/imports", scope: "manage" },
  { name: "webhooks", to: "/ops/webhooks", scope: "manage" },
  { name: "API keys", to: "/ops/keys", scope: "manage" },
  { name: "the audit log", to: "/ops/audit", scope: "manage" },
  { name: "your account", to: "/me" },
];

export function Shell() {
  const session = useQuery(sessionQuery);
  const out = session.error instanceof Problem && session.error.status === 401;
  useSignInWhen(out);
  if (session.data && !out) return <Frame session={session.data} />;
  if (session.error && !out) {
    return (
      <main className="gate">
        <div className="gate-box">
          <p className="brand">Lead engine</p>
          <Failure what="The console" error={session.error} retry={() => void session.refetch()} />
        </div>
      </main>
    );
  }
  return <Loading what="the console" />;
}

/** Go to the sign-in, once, and from there back to this address. */
function useSignInWhen(out: boolean): void {
  const router = useRouter();
  useEffect(() => {
    if (!out) return;
    const { pathname, searchStr } = router.state.location;
    if (pathname === "/sign-in") return;
    void router.navigate({ to: "/sign-in", search: { next: pathname + searchStr }, replace: true });
  }, [out, router]);
}

function useLive(me: string): Live | null {
  const client = useQueryClient();
  const [live, setLive] = useState<Live | null>(null);
  useEffect(() => {
    const started = new Live();
    const end = followLive(started, client, me);
    setLive(started);
    return () => {
      end();
      started.stop();
    };
  }, [client, me]);
  return live;
}

function Frame({ session }: { session: Session }) {
  const live = useLive(session.person.id);
  const [keys, setKeys] = useState(false);
  const more = useRef<HTMLUListElement>(null);
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: closed by every change of the screen
  useEffect(() => more.current?.hidePopover(), [pathname]);
  const [commands, setCommands] = useState(false);
  useActions({ keys: () => setKeys(true), commands: () => setCommands(true) });
  const { person, scopes } = session;
  const manages = scopes.includes("manage");
  return (
    <SessionContext value={session}>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <div className="frame">
        <header className="nav">
          <p className="brand">Lead engine</p>
          <nav aria-label="Screens">
            <ul>
              <Screen to="/queue">Queue</Screen>
              <Screen to="/inbox">Inbox</Screen>
              <Screen to="/leads">Leads</Screen>
              <Screen to="/tasks">Tasks</Screen>
              <li className="more">
                <button className="plain" type="button" popoverTarget="more-screens">
                  More
                </button>
              </li>
            </ul>
            <ul id="more-screens" ref={more} popover="auto">
              <Screen to="/accounts">Accounts</Screen>
              <Screen to="/duplicates">Duplicates</Screen>
              <Screen to="/rules">Rules</Screen>
              <Screen to="/automations">Automations</Screen>
              <Screen to="/sequences">Sequences</Screen>
              <Screen to="/campaigns">Campaigns</Screen>
              <Screen to="/analytics">Analytics</Screen>
              <Screen to="/team">Team</Screen>
              {manages && <Screen to="/imports">Imports</Screen>}
              {manages && <Screen to="/ops">Operations</Screen>}
            </ul>
          </nav>
          <div className="foot">
            {live && <LiveSign live={live} zone={person.zone} />}
            <p className="foot-keys">
              <button className="plain" type="button" onClick={() => setCommands(true)}>
                Go to <Key of="commands" />
              </button>
              <button className="plain" type="button" onClick={() => setKeys(true)}>
                All keys <Key of="keys" />
              </button>
            </p>
            <Link className="who" to="/me">
              <span className="face" aria-hidden="true">
                {initials(person.name)}
              </span>
              <span>
                {person.name}
                <span className="zone">{cityOf(person.zone)} time</span>
              </span>
            </Link>
          </div>
        </header>
        <div className="body">
          {live && <NewVersion live={live} />}
          <LiveContext value={live}>
            <Outlet />
          </LiveContext>
        </div>
      </div>
      <StepUp email={person.email} />
      {commands && <CommandList screens={SCREENS} onClose={() => setCommands(false)} />}
      {keys && <KeysDialog onClose={() => setKeys(false)} />}
    </SessionContext>
  );
}

function Screen({
  to,
  children,
}: {
  to:
    | "/queue"
    | "/inbox"
    | "/leads"
    | "/tasks"
    | "/rules"
    | "/automations"
    | "/sequences"
    | "/campaigns"
    | "/analytics"
    | "/accounts"
    | "/duplicates"
    | "/team"
    | "/imports"
    | "/ops";
  children: string;
}) {
  return (
    <li>
      <Link to={to} activeProps={{ "aria-current": "page" }}>
        {children}
      </Link>
    </li>
  );
}
