import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { fixed } from "../format/numbers";
import { day, moment } from "../format/time";
import { words } from "../format/words";
import { useSession } from "../session";
import { changes, type Line, type Point, pathOf, scaleOf, split, ticks } from "./curve";
import { type Curve as CurveData, curveQuery, type Intelligence } from "./queries";

const HEIGHT = 190;
const MARGIN = 14;
const AXIS = 34;

interface Props {
  leadId: string;
  /** The lead as of now. */
  found: Intelligence;
  /** The moment that is looked at; now without one. */
  at: Date | null;
  /** The moment of the event that is pointed at. */
  pointed: number | null;
  range: [number, number];
  /** When something happened. */
  events: number[];
}

/** The score until now, and where decay alone leads from here; the same as a table. */
export function Curve({ leadId, found, at, pointed, range, events }: Props) {
  const { zone } = useSession().person;
  const curve = useQuery(curveQuery(leadId, range));
  return (
    <section aria-labelledby="curve-title" className="part curve">
      <div className="panel-head">
        <h2 className="head" id="curve-title">
          Score, past and to come
        </h2>
        <p className="small quiet">Dashed: if nothing happens</p>
      </div>
      {curve.error && <p className="small alarm">The curve did not load.</p>}
      {curve.data ? (
        <Drawing
          data={curve.data}
          found={found}
          at={at}
          pointed={pointed}
          range={range}
          events={events}
          zone={zone}
        />
      ) : (
        <div className="curve-room" />
      )}
      {curve.data && <AsTable data={curve.data} zone={zone} />}
    </section>
  );
}

function pointsOf(data: CurveData): Point[] {
  return data.points.map((point) => ({ at: Date.parse(point.at), score: point.score, stage: point.stage }));
}

function linesOf(data: CurveData): Line[] {
  return data.stages.flatMap((one) =>
    one.enteredAt === null ? [] : [{ stage: one.stage, score: one.enteredAt }],
  );
}

type DrawingProps = Pick<Props, "found" | "at" | "pointed" | "range" | "events"> & {
  data: CurveData;
  zone: string;
};

function Drawing({ data, found, at, pointed, range, events, zone }: DrawingProps) {
  const [box, width] = useWidth();
  const lines = linesOf(data);
  const points = pointsOf(data);
  const present: Point = { at: Date.parse(data.now), score: found.score, stage: found.stage };
  const scale = scaleOf([...points, present], lines, range, { width, height: HEIGHT });
  const { past, future } = split(points, present);
  const falls = changes(future);
  const looked = at?.getTime();
  const x = scale.x(present.at);
  const end = x > width - 70 ? "end" : "start";
  return (
    <figure ref={box}>
      <svg width={width} height={HEIGHT + MARGIN + AXIS} aria-hidden="true" focusable="false">
        <g transform={`translate(0 ${MARGIN})`}>
          {lines.map((line) => (
            <g key={line.stage}>
              <line className="grid" x1="0" x2={width} y1={scale.y(line.score)} y2={scale.y(line.score)} />
              <text className={`is-${line.stage}`} x="0" y={scale.y(line.score) - 5}>
                {line.stage} {fixed(line.score, 0)}
              </text>
            </g>
          ))}
          <line className="grid" x1="0" x2={width} y1={scale.y(0)} y2={scale.y(0)} />
          {events
            .filter((one) => one >= range[0] && one <= range[1])
            .map((one) => (
              <line
                key={one}
                className="tick"
                x1={scale.x(one)}
                x2={scale.x(one)}
                y1={HEIGHT + 3}
                y2={HEIGHT + 10}
              />
            ))}
          <path className="past" d={pathOf(past, scale)} />
          <path className="future" d={pathOf(future, scale)} />
          <line
            className="now"
            x1={scale.x(looked ?? present.at)}
            x2={scale.x(looked ?? present.at)}
            y1="-8"
            y2={HEIGHT + 10}
          />
          {pointed !== null && pointed >= range[0] && (
            <line className="pointed" x1={scale.x(pointed)} x2={scale.x(pointed)} y1="0" y2={HEIGHT + 12} />
          )}
          <g className={`is-${present.stage}`}>
            <circle className="dot full" cx={x} cy={scale.y(present.score)} r="4" />
          </g>
          <text
            className="key"
            x={end === "end" ? x - 8 : x + 8}
            y={scale.y(present.score) - 6}
            textAnchor={end}
          >
            {fixed(present.score, 0)} now
          </text>
          {falls.slice(0, 2).map((one) => (
            <g key={one.at} className={`is-${one.stage}`}>
              <circle className="dot" cx={scale.x(one.at)} cy={scale.y(one.score)} r="4" />
              <text
                className={`is-${one.stage}`}
                x={scale.x(one.at) + (scale.x(one.at) > width - 130 ? -8 : 8)}
                y={scale.y(one.score) + (scale.x(one.at) > width - 130 ? 20 : -8)}
                textAnchor={scale.x(one.at) > width - 130 ? "end" : "start"}
              >
                {one.stage} {day(new Date(one.at), zone, new Date(present.at))}
              </text>
            </g>
          ))}
          {ticks(range, Math.max(2, Math.floor(width / 110))).map((one) => (
            <text key={one} x={scale.x(one)} y={HEIGHT + 27} textAnchor={anchorAt(scale.x(one), width)}>
              {day(new Date(one), "UTC", new Date(0)).replace(/ \d{4}$/, "")}
            </text>
          ))}
        </g>
      </svg>
    </figure>
  );
}

function anchorAt(x: number, width: number): "start" | "middle" | "end" {
  if (x < 24) return "start";
  return x > width - 24 ? "end" : "middle";
}

function AsTable({ data, zone }: { data: CurveData; zone: string }) {
  const now = new Date(data.now);
  const all = pointsOf(data);
  const shown = all.filter((point, index) => index % 20 === 0 || all[index - 1]?.stage !== point.stage);
  return (
    <details className="small">
      <summary className="quiet">As a table</summary>
      <table className="grid-table">
        <thead>
          <tr>
            <th scope="col">Moment</th>
            <th scope="col" className="num">
              Score
            </th>
            <th scope="col">Stage</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((point) => (
            <tr key={point.at}>
              <th scope="row">{moment(new Date(point.at), zone, now)}</th>
              <td className="num">{fixed(point.score, 2)}</td>
              <td>
                {words(point.stage)}
                {point.at > now.getTime() && <span className="faint">, if nothing happens</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function useWidth(): [React.RefObject<HTMLElement | null>, number] {
  const box = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(640);
  useEffect(() => {
    if (!box.current) return;
    const observer = new ResizeObserver(
      ([entry]) => entry && setWidth(Math.max(200, Math.floor(entry.contentRect.width))),
    );
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  return [box, width];
}
