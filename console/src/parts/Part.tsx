import { type ReactNode, useId } from "react";

/** A part of a screen under a heading; `aside` stands at the end of the line of the heading. */
export function Part({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <section className="part" aria-labelledby={id}>
      <div className="panel-head">
        <h2 className="head" id={id}>
          {title}
        </h2>
        {aside && <div className="end">{aside}</div>}
      </div>
      {children}
    </section>
  );
}
