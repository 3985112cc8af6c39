/** How likely a lead is to buy, with the reasons that add up to it. */
import { Link } from "@tanstack/react-router";
import { fixed, signed } from "../format/numbers";
import { Part } from "../parts/Part";
import "./prediction.css";
import { between, likelyTo, linesOf, type Prediction, percent } from "./words";

export function Likelihood({ found }: { found: Prediction }) {
  const { lines, total } = linesOf(found);
  const [average, ...reasons] = lines;
  return (
    <Part
      title={`${percent(found.probability)} likely to ${likelyTo(found.outcome)} within ${found.horizonDays} days`}
      aside={
        <Link className="link small quiet" to="/rules/models">
          Model {found.model}
        </Link>
      }
    >
      <p className="quiet">
        Of leads that looked like this, {between(found.interval)} did. Each reason multiplies the odds; their
        logarithms add up.
      </p>
      <table className="ledger likelihood">
        <thead>
          <tr>
            <th scope="col">Reason</th>
            <th scope="col" className="num">
              Odds
            </th>
            <th scope="col" className="num opt">
              Log-odds
            </th>
          </tr>
        </thead>
        <tbody>
          {average && (
            <tr>
              <th scope="row">{average.words}</th>
              <td className="num">{fixed(average.odds, 3)}</td>
              <td className="num opt">{fixed(average.logOdds / 100, 2)}</td>
            </tr>
          )}
          {reasons.map((one, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two reasons may have the same words
            <tr key={index}>
              <th scope="row">{one.words}</th>
              <td className="num">&times; {fixed(one.odds, 2)}</td>
              <td className="num opt">{signed(one.logOdds / 100, 2)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{percent(found.probability)}</th>
            <td className="num">{fixed(found.probability / (1 - found.probability), 3)}</td>
            <td className="num opt">{fixed(total / 100, 2)}</td>
          </tr>
        </tfoot>
      </table>
    </Part>
  );
}
