/** Prediction models: what says how likely leads are to buy, how well it holds, and which one is active. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, read, type Schemas } from "../api/client";
import { currentTime } from "../clock";
import { fixed, signed } from "../format/numbers";
import { moment } from "../format/time";
import "../parts/administration.css";
import { Dialog } from "../parts/Dialog";
import { Heading } from "../parts/Heading";
import { Loaded } from "../parts/Loaded";
import { Part } from "../parts/Part";
import { useChange } from "../parts/useChange";
import "../prediction/prediction.css";
import { Reliability } from "../prediction/Reliability";
import { likelyTo } from "../prediction/words";
import { useMay, useSession } from "../session";

type Model = Schemas["ModelView"];
type Goal = Schemas["GoalView"];

const modelsQuery = {
  queryKey: ["models"],
  queryFn: () => read(api.GET("/api/models")),
};

export function Models() {
  const models = useQuery(modelsQuery);
  return (
    <main id="main">
      <div className="top">
        <Heading title="Prediction models" />
      </div>
      <div className="wrap">
        <Loaded query={models} what="The list of models">
          {({ goals, items }) => (
            <>
              {goals.length === 0 && (
                <p className="quiet">The active rules name no goal: nothing is learnt.</p>
              )}
              {goals.map((goal) => (
                <OneGoal key={goal.name} goal={goal} models={items.filter((one) => one.goal === goal.name)} />
              ))}
            </>
          )}
        </Loaded>
      </div>
    </main>
  );
}

function OneGoal({ goal, models }: { goal: Goal; models: Model[] }) {
  const may = useMay();
  const [shown, show] = useState<string | null>(null);
  const [dialog, setDialog] = useState<Model | "back" | null>(null);
  const model =
    models.find((one) => one.model === shown) ?? models.find((one) => one.active) ?? models[0] ?? null;
  const asks = may("manage");
  return (
    <>
      <Part
        title={`How likely a lead is to ${likelyTo(goal.outcome)} within ${goal.horizonDays} days`}
        aside={
          asks &&
          goal.active && (
            <button className="btn" type="button" onClick={() => setDialog("back")}>
              Roll back
            </button>
          )
        }
      >
        <p>
          {goal.active
            ? `Leads show what ${goal.active} says.`
            : "No model is active, so leads show no probability."}
        </p>
        <Drift goal={goal} />
        <Training goal={goal} />
        {models.length > 0 && (
          <table className="grid-table">
            <thead>
              <tr>
                <th scope="col">Model</th>
                <th scope="col">State</th>
                <th scope="col" className="num opt">
                  Ranking (AUC)
                </th>
                <th scope="col" className="num opt">
                  Expected over observed
                </th>
                <th scope="col">
                  <span className="sr">Activate</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {models.map((one) => (
                <tr key={one.model}>
                  <th scope="row" className="nowrap">
                    <button
                      className="plain link"
                      type="button"
                      aria-pressed={one === model}
                      onClick={() => show(one.model)}
                    >
                      {one.model}
                    </button>
                  </th>
                  <td>
                    <State model={one} />
                  </td>
                  <td className="num opt">{fixed(one.heldOut.auc, 3)}</td>
                  <td className="num opt">{fixed(one.heldOut.expectedOverObserved, 2)}</td>
                  <td className="num">
                    {asks && !one.active && one.failures.length === 0 && (
                      <button className="btn" type="button" onClick={() => setDialog(one)}>
                        Activate<span className="sr"> {one.model}</span>
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Part>
      {model && <Figures model={model} />}
      {dialog && dialog !== "back" && <ActivateModel model={dialog} onClose={() => setDialog(null)} />}
      {dialog === "back" && <RollBack goal={goal} onClose={() => setDialog(null)} />}
    </>
  );
}

function State({ model }: { model: Model }) {
  if (model.active) return <span className="strong">Active</span>;
  if (model.failures.length > 0) return <span className="alarm">Failed its tests</span>;
  return <span>Passed its tests</span>;
}

function Drift({ goal }: { goal: Goal }) {
  const warnings = goal.drift?.warnings ?? [];
  if (warnings.length === 0) return null;
  return (
    <ul className="points alarm">
      {warnings.map((one) => (
        <li key={one}>
          {goal.active}: {one}.
        </li>
      ))}
    </ul>
  );
}

function Training({ goal }: { goal: Goal }) {
  const { zone } = useSession().person;
  const now = currentTime();
  if (goal.training) {
    return (
      <p className="quiet">
        Training since {moment(new Date(goal.training.startedAt), zone, now)}: {goal.training.leads} leads
        read, {goal.training.landmarks} landmarks.
      </p>
    );
  }
  if (!goal.lastTraining) {
    return (
      <p className="quiet">Nothing was trained yet. It happens by night, or by lead-engine predict train.</p>
    );
  }
  const { at, model, reason } = goal.lastTraining;
  return (
    <p className="quiet">
      Last training {moment(new Date(at), zone, now)}: {model ? `it made ${model}.` : reason}
    </p>
  );
}

function Figures({ model }: { model: Model }) {
  const found = model.heldOut;
  const figures: [string, string][] = [
    ["Landmarks held out", `${found.landmarks}, of which ${found.wins} reached it`],
    ["Ranking (AUC)", `${fixed(found.auc, 3)}; by score ${fixed(found.scoreAuc, 3)}`],
    ["Better than the base rate", signed(found.brierSkill, 3)],
    ["Expected over observed", fixed(found.expectedOverObserved, 2)],
    ["Calibration slope", fixed(found.slope, 2)],
    ["Calibration error", fixed(found.calibrationError, 3)],
    ["Wins in the top tenth", `${fixed(found.topTenthLift, 1)} times as many`],
    ["Learnt from", `${model.landmarks} landmarks under ${model.rulebook}`],
  ];
  return (
    <Part title={`${model.model} on leads it had not seen`}>
      {model.failures.length > 0 ? (
        <ul className="points alarm">
          {model.failures.map((one) => (
            <li key={one}>It fails a test: {one}.</li>
          ))}
        </ul>
      ) : (
        <p className="quiet">
          It passed every test.{model.backfilled ? " Imported history is among it." : ""}
        </p>
      )}
      <dl className="model-figures">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {found.reliability.length > 0 && <Reliability groups={found.reliability} model={model.model} />}
    </Part>
  );
}

function ActivateModel({ model, onClose }: { model: Model; onClose: () => void }) {
  const change = useChange(["models"], ["lead"], ["queue"]);
  const confirm = () =>
    change.mutate({
      call: () =>
        read(api.POST("/api/models/{model}/activate", { params: { path: { model: model.model } } })),
      said: `${model.model} is active now.`,
      onDone: onClose,
    });
  return (
    <Dialog
      title={`Activate ${model.model}?`}
      action={`Activate ${model.model}`}
      busy={change.isPending}
      onSubmit={confirm}
      onClose={onClose}
    >
      <p>Every lead and the queue show what it says, within two seconds. Rolling back is the way back.</p>
    </Dialog>
  );
}

function RollBack({ goal, onClose }: { goal: Goal; onClose: () => void }) {
  const change = useChange<{ active: string | null }>(["models"], ["lead"], ["queue"]);
  const confirm = () =>
    change.mutate({
      call: () => read(api.POST("/api/models/rollback", { params: { query: { goal: goal.name } } })),
      said: `${goal.active} is active no more.`,
      onDone: onClose,
    });
  return (
    <Dialog
      title={`Roll back ${goal.active}?`}
      action="Roll back"
      busy={change.isPending}
      onSubmit={confirm}
      onClose={onClose}
    >
      <p>Leads show what the model before said, or no probability if there was none.</p>
    </Dialog>
  );
}
