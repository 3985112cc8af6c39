import { currentTime } from "../clock";
import { usePeople, useSession } from "../session";

/** Whose a lead is to be: oneself first, then everybody who works with leads, or nobody. */
export function OwnerField({ ownerId }: { ownerId: string | null }) {
  const { people } = usePeople();
  const me = useSession().person.id;
  return (
    <p className="field">
      <label htmlFor="assign-owner">Owner</label>
      <select id="assign-owner" name="owner" defaultValue={ownerId ?? me}>
        <option value={me}>You</option>
        {people
          .filter((one) => one.active && one.id !== me && one.role !== "viewer")
          .map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
              {one.awayUntil && new Date(one.awayUntil) > currentTime() ? " (away)" : ""}
            </option>
          ))}
        <option value="">Nobody</option>
      </select>
    </p>
  );
}
