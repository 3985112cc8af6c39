import { Link } from "@tanstack/react-router";
import { Heading } from "../parts/Heading";

export function NotFound() {
  return (
    <main className="gate" id="main">
      <div className="gate-box">
        <Heading title="There is no such screen" className="big" />
        <p className="quiet">The address may be of another version, or mistyped.</p>
        <p className="acts">
          <Link className="btn primary" to="/leads">
            All leads
          </Link>
        </p>
      </div>
    </main>
  );
}
