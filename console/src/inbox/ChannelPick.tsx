import { channelName } from "./channels";
import type { Conversation } from "./queries";

interface Props {
  rows: readonly Conversation[];
  channel: string | undefined;
  choose: (channel: string | undefined) => void;
}

/** The channels by which the leads in the list wrote last; nothing to choose where there is one alone. */
export function ChannelPick({ rows, channel, choose }: Props) {
  const written = rows.flatMap(({ last }) => last?.channel ?? []);
  const channels = [...new Set(channel === undefined ? written : [channel, ...written])].sort();
  if (channels.length < 2 && channel === undefined) return null;
  return (
    <p className="pad channels">
      <label className="small quiet" htmlFor="channel">
        Wrote by
      </label>
      <select
        id="channel"
        value={channel ?? ""}
        onChange={(event) => choose(event.target.value || undefined)}
      >
        <option value="">every channel</option>
        {channels.map((one) => (
          <option key={one} value={one}>
            {channelName(one)}
          </option>
        ))}
      </select>
    </p>
  );
}
