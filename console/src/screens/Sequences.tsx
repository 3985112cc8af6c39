/** All sequences with their versions: which one leads are enrolled in, and how many are in each. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import "../parts/administration.css";
import { Heading } from "../parts/Heading";
import { Loaded } from "../parts/Loaded";
import { Empty } from "../parts/states";
import "../rules/rules.css";
import { MOST_COUNTED, type Sequence, sequencesQuery } from "../sequences/queries";
import { counted } from "../sequences/said";
import { useMay } from "../session";

export function Sequences() {
  const sequences = useQuery(sequencesQuery);
  const may = useMay();
  return (
    <main id="main">
      <div className="top">
        <Heading title="Sequences" />
        {may("manage") && (
          <p className="end off-phone">
            <Link className="btn" to="/sequences/draft">
              Write a sequence
            </Link>
          </p>
        )}
      </div>
      <div className="wrap">
        <Loaded query={sequences} what="The list">
          {({ items }) => (items.length > 0 ? <Versions items={items} /> : <None />)}
        </Loaded>
      </div>
    </main>
  );
}

function None() {
  const may = useMay();
  return (
    <Empty title="No sequence yet">
      <p className="measure">
        A sequence writes to a lead over days, in the hours of the place where it lives, and ends as soon as
        the lead answers.{" "}
        {may("manage") ? (
          <>
            <Link className="link" to="/sequences/draft">
              Write the first one
            </Link>
            , or activate one that ships, such as <code>lead-engine sequences activate demo-request</code>.
          </>
        ) : (
          "Admins write them."
        )}
      </p>
    </Empty>
  );
}

function Versions({ items }: { items: Sequence[] }) {
  const hasCounts = items.some((one) => one.enrolments !== null);
  return (
    <div className="part">
      <table className="grid-table">
        <thead>
          <tr>
            <th scope="col">Sequence</th>
            <th scope="col">State</th>
            <th scope="col" className="num opt">
              Steps
            </th>
            {hasCounts && (
              <>
                <th scope="col" className="num">
                  In it now
                </th>
                <th scope="col" className="num opt">
                  Ended
                </th>
              </>
            )}
            <th scope="col" className="opt">
              What it says of itself
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((one) => (
            <tr key={one.label}>
              <th scope="row">
                <Link
                  className="link"
                  to="/sequences/$name/$version"
                  params={{ name: one.name, version: String(one.version) }}
                >
                  {one.name}&nbsp;{one.version}
                </Link>
              </th>
              <td>
                {one.active ? (
                  <span className="strong">Active</span>
                ) : (
                  <span className="faint">Takes no leads</span>
                )}
              </td>
              <td className="num opt">{one.steps}</td>
              {hasCounts && <Counts of={one} />}
              <td className="opt quiet">{one.description}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Counts({ of: { name, version, enrolments } }: { of: Sequence }) {
  const params = { name, version: String(version) };
  if (!enrolments) return null;
  return (
    <>
      <td className="num">
        <Link className="link" to="/sequences/$name/$version" params={params} hash="leads">
          {counted(enrolments.active, MOST_COUNTED)}
          <span className="sr"> leads are in it now</span>
        </Link>
      </td>
      <td className="num opt">
        <Link
          className="link quiet"
          to="/sequences/$name/$version"
          params={params}
          search={{ show: "ended" }}
          hash="leads"
        >
          {counted(enrolments.ended, MOST_COUNTED)}
          <span className="sr"> have ended it</span>
        </Link>
      </td>
    </>
  );
}
