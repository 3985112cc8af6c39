import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { moment } from "../format/time";
import { Loaded } from "../parts/Loaded";
import { Part } from "../parts/Part";
import { useSession } from "../session";
import { previewsQuery } from "./queries";

/** The last previews, to go on where one was. */
export function RecentPreviews() {
  const { zone } = useSession().person;
  const previews = useQuery(previewsQuery);
  const now = new Date();
  if (previews.data?.items.length === 0) return null;
  return (
    <Part title="Previews">
      <Loaded query={previews} what="The list" rows={2}>
        {({ items }) => (
          <ol className="tasks lined">
            {items.map((one) => (
              <li key={one.id} className="line-item">
                <Link className="link" to="/rules/previews/$previewId" params={{ previewId: one.id }}>
                  {one.label} instead of {one.before}
                </Link>
                <span className="quiet small">
                  {one.status === "running" ? "under way" : one.status},{" "}
                  {moment(new Date(one.createdAt), zone, now)}
                </span>
              </li>
            ))}
          </ol>
        )}
      </Loaded>
    </Part>
  );
}
