/** An import as it goes on: a sentence, the bar, how the rows add up, and reasons with their counts. */
import { type Import, isOpen, type Report, reportOf } from "./queries";

const count = (value: number) => value.toLocaleString("en-GB");
const rows = (value: number) => `${count(value)} ${value === 1 ? "row" : "rows"}`;
const events = (value: number) => `${count(value)} ${value === 1 ? "event" : "events"}`;

export function Progress({ found }: { found: Import }) {
  const report = reportOf(found);
  return (
    <>
      <p className="opening anywhere" role="status">
        {sentence(found, report)}
      </p>
      {isOpen(found) && (
        <progress
          className="progress"
          aria-label="How much of the file was read"
          value={report?.fraction ?? undefined}
        />
      )}
      {found.state === "failed" && (
        <p className="banner alarmed" role="alert">
          {found.detail || "It was given up."}
        </p>
      )}
      {found.state === "held" && <p className="banner">It is held: {found.detail}</p>}
      {report && <Sums report={report} dryRun={found.dryRun} />}
      {report && <Reasons report={report} />}
    </>
  );
}

/** What is so, as one sentence. */
function sentence({ state, dryRun, fileName }: Import, report: Report | null): string {
  if (state === "failed") return `${fileName} was not imported to its end.`;
  if (!report) return `${fileName} waits for a worker.`;
  if (state === "running" || state === "waiting") {
    return `${rows(report.rows)} of ${fileName} read${report.fraction === null ? "" : `, ${Math.floor(report.fraction * 100)} %`}.`;
  }
  const made = dryRun
    ? `${rows(report.rows)} would make ${events(report.events)}`
    : `${rows(report.rows)} made ${events(report.events)}`;
  const rejected = report.rejectedRows === 0 ? "none is rejected" : `${rows(report.rejectedRows)} rejected`;
  return `${made}, ${rejected}.`;
}

/** Rows and events, each a list that adds up to its first line. */
function Sums({ report, dryRun }: { report: Report; dryRun: boolean }) {
  const ofRows: [string, number][] = [
    [dryRun ? "make events" : "made events", report.rowsWithEvents],
    [dryRun ? "make nothing" : "made nothing", report.rowsWithoutEvents],
    ["rejected", report.rejectedRows],
  ];
  const ofEvents: [string, number][] = [
    ["accepted", report.accepted],
    ["stored before", report.duplicates],
    ["in conflict", report.conflicts],
    ["of erased leads", report.blocked],
  ];
  return (
    <div className="sums">
      <Sum title="Rows read" total={report.rows} parts={ofRows} />
      {dryRun ? (
        <Sum title="Events, none of them stored" total={report.events} parts={[]} />
      ) : (
        <Sum title="Events made" total={report.events} parts={ofEvents} />
      )}
    </div>
  );
}

function Sum({ title, total, parts }: { title: string; total: number; parts: [string, number][] }) {
  return (
    <table className="grid-table">
      <thead>
        <tr>
          <th scope="col">{title}</th>
          <th scope="col" className="num strong">
            {count(total)}
          </th>
        </tr>
      </thead>
      <tbody>
        {parts.map(([name, value]) => (
          <tr key={name}>
            <th scope="row" className={name === "rejected" && value > 0 ? "alarm" : "quiet"}>
              {name}
            </th>
            <td className="num">{count(value)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Reasons({ report }: { report: Report }) {
  const lists: [string, string[]][] = [
    ["Rejected, because", report.rejectReasons.map(counted)],
    ["The first of them", report.rejectReasons.length > 0 ? report.firstRejects : []],
    ["Rows that made nothing", report.noEventReasons.map(counted)],
    ["Values left out", report.leftOut.map(counted)],
    ["Cells that the mapping does not name", report.unnamed.map(counted)],
    ["Times in the future", report.future.map(counted)],
    ["In conflict with stored events", report.firstConflicts],
    ["Personal, and not encrypted", report.openPersonal],
    ["Look at these", report.notices],
  ];
  return (
    <dl className="reasons">
      {lists
        .filter(([, lines]) => lines.length > 0)
        .map(([title, lines]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>
              <ul className="points">
                {lines.map((line) => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
            </dd>
          </div>
        ))}
    </dl>
  );
}

const counted = ({ what, count: times, example }: Report["rejectReasons"][number]) =>
  `${what}: ${count(times)}${example ? `, first ${example}` : ""}`;
