/** The score of an account person by person: what each gives by its own score, by breadth and by the surge. */
import { Link } from "@tanstack/react-router";
import type { Schemas } from "../api/client";
import { fixed } from "../format/numbers";
import { words } from "../format/words";
import { Stage } from "../parts/Stage";

type Found = Schemas["AccountIntelligenceView"];
type Person = Found["people"][number];

const points = (value: number) => (Math.abs(value) < 0.005 ? "" : fixed(value, 2));

export function People({ found }: { found: Found }) {
  if (found.people.length === 0) return <p className="quiet">Nobody of it counts.</p>;
  const sum = (of: (person: Person) => number) => found.people.reduce((all, one) => all + of(one), 0);
  const most = Math.max(...found.people.map((one) => one.points), 0.01);
  return (
    <table className="ledger people">
      <caption className="sr">What each person gives to the score</caption>
      <thead>
        <tr>
          <th scope="col">Person</th>
          <th scope="col" className="num opt">
            Own score
          </th>
          <th scope="col" className="num opt">
            Breadth
          </th>
          <th scope="col" className="num opt">
            Surge
          </th>
          <th scope="col" className="num">
            Points
          </th>
        </tr>
      </thead>
      <tbody>
        {found.people.map((one) => (
          <Row key={one.leadId} person={one} most={most} />
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">Score</th>
          <td className="num opt">{points(sum((one) => one.fromScore))}</td>
          <td className="num opt">{points(sum((one) => one.fromBreadth))}</td>
          <td className="num opt">{points(sum((one) => one.fromSurge))}</td>
          <td className="num">{fixed(found.score, 2)}</td>
        </tr>
      </tfoot>
    </table>
  );
}

function Row({ person, most }: { person: Person; most: number }) {
  return (
    <tr>
      <th scope="row">
        <span className="person">
          <Link className="link anywhere" to="/leads/$leadId" params={{ leadId: person.leadId }}>
            {person.leadId}
          </Link>
          <Stage name={person.stage} />
          <span className="quiet next-of">{words(person.nextAction)}</span>
        </span>
        <svg className="share" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
          <rect x="0" y="2" height="4" width={Math.max(0, (100 * person.points) / most)} />
        </svg>
        <span className="block small quiet">{person.reason}</span>
      </th>
      <td className="num opt">{points(person.fromScore)}</td>
      <td className="num opt">{points(person.fromBreadth)}</td>
      <td className="num opt">{points(person.fromSurge)}</td>
      <td className="num strong">{fixed(person.points, 2)}</td>
    </tr>
  );
}
