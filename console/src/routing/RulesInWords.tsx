/** Routing rules in words: which leads go to which pool, and who is in it. */
import { Part } from "../parts/Part";
import { usePeople } from "../session";
import { conditionInWords, hoursInWords, type Pool, type Routing } from "./rules";

export function RulesInWords({ routing }: { routing: Routing }) {
  return (
    <>
      <Part title="Which leads go where">
        <p className="quiet">
          A lead is routed{" "}
          {routing.stages.length > 0 ? `when it is ${routing.stages.join(" or ")}` : "at its first event"}.
          The first line that fits decides.
        </p>
        <ol className="entries">
          {routing.rules.map((rule) => (
            <li key={rule.id}>
              <span>
                {[
                  ...rule.conditions.map(conditionInWords),
                  ...(rule.stages.length > 0 ? [`the lead is ${rule.stages.join(" or ")}`] : []),
                ].join(", and ") || "All others"}{" "}
                <span className="faint">to</span> <span className="strong">{rule.pool}</span>
              </span>
            </li>
          ))}
        </ol>
      </Part>
      {routing.pools.map((pool) => (
        <PoolInWords key={pool.id} pool={pool} />
      ))}
    </>
  );
}

function PoolInWords({ pool }: { pool: Pool }) {
  const { nameOf } = usePeople();
  const total = pool.members.reduce((sum, one) => sum + one.weight, 0);
  return (
    <Part title={`Pool ${pool.id}`}>
      <table className="grid-table">
        <thead>
          <tr>
            <th scope="col">Person</th>
            <th scope="col" className="num">
              Share
            </th>
            <th scope="col" className="num opt">
              Most open leads
            </th>
            <th scope="col">Works</th>
          </tr>
        </thead>
        <tbody>
          {pool.members.map((member) => (
            <tr key={member.rep}>
              <th scope="row">{nameOf(member.rep)}</th>
              <td className="num">{Math.round((100 * member.weight) / total)} %</td>
              <td className="num opt">{member.capacity ?? "no limit"}</td>
              <td>{hoursInWords(member.hours)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="quiet small">
        {pool.fallback
          ? `With nobody present for ${pool.fallbackAfterMinutes} minutes, a lead goes to ${nameOf(pool.fallback)}.`
          : "With nobody present, leads wait."}{" "}
        {pool.firstTouchMinutes !== null &&
          `A first contact is due within ${pool.firstTouchMinutes} working minutes; after that ${
            pool.whenMissed === "reassign" ? "the lead goes to somebody else" : "it is said by an event"
          }.`}
      </p>
    </Part>
  );
}
