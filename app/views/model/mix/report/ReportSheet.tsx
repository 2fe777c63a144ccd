/** The report as a page: no control in it, so that it is read on paper and as a file alike. Always on white. */
import { printable } from "../../../../../kernels/text/printable.ts";
import { formatCell, formatNumber, formatPercent } from "../../../../charts/numbers.ts";
import { type Line, type MixReport, type ReportRow, sharesOf } from "./data.ts";
import { ReportFrontier, ReportMap } from "./drawings.tsx";

/** Tensors that are listed one by one; beyond them a page is no page. */
const LISTED = 1500;

export function ReportSheet({ report }: { report: MixReport }) {
  const { rows, measured, limits, refused } = report;
  const elements = rows.reduce((sum, row) => sum + row.elements, 0);
  return (
    <article className="mix-report" lang="en">
      <header>
        <h1>Mixed precision for {printable(report.source)}</h1>
        <p className="quiet">
          Quantscope, {report.made}. <a href={report.link}>Link to this mix</a>
        </p>
      </header>
      {measured?.worse && <p className="warning">{measured.verdict}</p>}
      <div className="columns">
        <Lines title="What was found" lines={report.figures} />
        <Lines title="How" lines={report.provenance} />
      </div>
      <section>
        <h2>What this report does not say</h2>
        <ul>
          {limits.map((limit) => (
            <li key={limit}>{printable(limit)}</li>
          ))}
          {report.omitted.map((one) => (
            <li key={one}>Not in the link: {printable(one)}</li>
          ))}
          {limits.length + report.omitted.length === 0 && (
            <li>Every tensor was read whole, none was refused, and the mix was measured.</li>
          )}
        </ul>
      </section>
      <section>
        <h2>Layers and roles</h2>
        <ReportMap rows={rows} order={report.roles} />
      </section>
      {report.frontier && (
        <section>
          <h2>Predicted loss against size</h2>
          <ReportFrontier frontier={report.frontier} unit={report.unit} />
        </section>
      )}
      <section>
        <h2>Predicted against measured</h2>
        {measured ? <MeasuredPart measured={measured} unit={report.unit} /> : <p>Nothing was measured.</p>}
      </section>
      <section>
        <h2>By recipe</h2>
        <table>
          <thead>
            <tr>
              <th scope="col">recipe</th>
              <th scope="col">tensors</th>
              <th scope="col">share of weights</th>
              <th scope="col">bits a weight</th>
            </tr>
          </thead>
          <tbody>
            {sharesOf(rows).map((share) => (
              <tr key={share.recipe}>
                <th scope="row">{share.recipe}</th>
                <td>{formatCell(share.tensors)}</td>
                <td>{formatPercent(share.elements / elements)}</td>
                <td>{formatNumber(share.bits / share.elements, 4)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {refused.length > 0 && (
        <section>
          <h2>Refused</h2>
          <ul>
            {refused.map(({ recipe, why, tensors }) => (
              <li key={`${recipe} ${why}`}>
                <code>{recipe}</code> on {formatCell(tensors)} {tensors === 1 ? "tensor" : "tensors"}: {printable(why)}
              </li>
            ))}
          </ul>
        </section>
      )}
      <section>
        <h2>The assignment</h2>
        <Assignment rows={rows} unit={report.unit} />
      </section>
      <section>
        <h2>As a model recipe</h2>
        <p className="code">{report.recipe}</p>
        <h2>Link</h2>
        <p className="code">{report.link}</p>
      </section>
    </article>
  );
}

function Lines({ title, lines }: { title: string; lines: readonly Line[] }) {
  return (
    <section>
      <h2>{title}</h2>
      <dl>
        {lines.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{printable(value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function MeasuredPart({ measured, unit }: { measured: NonNullable<MixReport["measured"]>; unit: string }) {
  return (
    <>
      {!measured.worse && <p>{measured.verdict}</p>}
      <p>{measured.additivity}</p>
      <table>
        <thead>
          <tr>
            <th scope="col">assignment</th>
            <th scope="col">bits a weight</th>
            <th scope="col">predicted, {unit}</th>
            <th scope="col">measured KL, nats</th>
          </tr>
        </thead>
        <tbody>
          {measured.points.map(({ label, bits, predicted, measured: kl, notes }) => (
            <tr key={label}>
              <th scope="row">
                {printable(label)}
                {notes.map((note) => (
                  <small key={note}> {printable(note)}</small>
                ))}
              </th>
              <td>{bits === null ? "–" : bits.toFixed(3)}</td>
              <td>{formatNumber(predicted)}</td>
              <td>{kl}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function Assignment({ rows, unit }: { rows: readonly ReportRow[]; unit: string }) {
  const listed = rows.slice(0, LISTED);
  return (
    <>
      {listed.length < rows.length && (
        <p>
          The first {formatCell(LISTED)} of {formatCell(rows.length)} tensors; the model recipe and the CSV file have
          all of them.
        </p>
      )}
      <table>
        <thead>
          <tr>
            <th scope="col">tensor</th>
            <th scope="col">shape</th>
            <th scope="col">recipe</th>
            <th scope="col">bits a weight</th>
            <th scope="col">loss, {unit}</th>
            <th scope="col">± standard error</th>
            <th scope="col">read</th>
          </tr>
        </thead>
        <tbody>
          {listed.map((row) => (
            <tr key={row.tensor}>
              <th scope="row">{printable(row.tensor)}</th>
              <td>{row.shape.join(" × ")}</td>
              <td>
                {row.recipe ?? "keep"}
                {row.pinned && " (pinned)"}
              </td>
              <td>{formatNumber(row.bits / row.elements, 4)}</td>
              <td>{formatNumber(row.loss)}</td>
              <td>{formatNumber(row.stderr, 2)}</td>
              <td>{row.read === null ? "–" : formatPercent(row.read)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
