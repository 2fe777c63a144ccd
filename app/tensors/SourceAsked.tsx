/** What is asked for in place of a source, or what went wrong with it, and what can be done. */
import { printable } from "../../kernels/text/printable.ts";
import { pickFiles } from "../files/files.ts";
import { formatSize } from "../state/source.ts";
import { askForAddress } from "../state/ui.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../state/workbench.ts";
import { startAfresh } from "../welcome/startAfresh.ts";
import { Icon } from "../widgets/icons.tsx";

export function SourceAsked() {
  const workbench = useWorkbench();
  const { source } = workbench;
  const { status, ref, problem } = useStoreOf(source.store, (s) => s);
  const shape = useExperiment((e) => e.shape);
  const choose = async () => source.openFiles(await pickFiles(false));
  // Whoever came by a link may have nothing else to open.
  const afresh = (
    <button type="button" className="btn" onClick={() => startAfresh(workbench)}>
      Start afresh with a sample
    </button>
  );
  if (status === "asked" && ref?.kind === "files") {
    return (
      <section aria-label="File asked for" className="flex flex-col items-start gap-2 p-3">
        <h2 className="m-0 flex items-center gap-2 font-semibold text-sm">
          <Icon name="file" />
          This experiment is about a file on your machine
        </h2>
        <ul className="m-0 list-none p-0 font-mono text-xs">
          {ref.fingerprints.map((f) => (
            <li key={f.digest} className="break-all">
              {printable(f.name)} <span className="text-muted">({formatSize(f.size)})</span>
            </li>
          ))}
        </ul>
        {shape && <p className="m-0 text-muted">Its tensor has the shape {shape.join(" × ") || "of a scalar"}.</p>}
        <p className="m-0 text-muted">Drop it anywhere on the page. It stays on your machine: nothing is sent.</p>
        <button type="button" className="btn btn-main" onClick={choose}>
          Choose the file…
        </button>
        {afresh}
      </section>
    );
  }
  if (status === "asked" && ref?.kind === "url") {
    const { host } = new URL(ref.url);
    return (
      <section aria-label="Address asked for" className="flex flex-col items-start gap-2 p-3">
        <h2 className="m-0 flex items-center gap-2 font-semibold text-sm">
          <Icon name="link" />
          This experiment reads a file from {host}
        </h2>
        <p className="m-0 break-all font-mono text-xs">{ref.url}</p>
        <p className="m-0 text-muted">Nothing is asked of that server before you say so.</p>
        <button type="button" className="btn btn-main" onClick={() => source.readAsked()}>
          Read it
        </button>
        <button type="button" className="btn" onClick={() => askForAddress(ref.url)}>
          With an access token…
        </button>
        {afresh}
      </section>
    );
  }
  if (status === "failed") {
    return (
      <section aria-label="Source problem" role="alert" className="flex flex-col items-start gap-2 p-3">
        <h2 className="m-0 flex items-center gap-2 font-semibold text-sm">
          <Icon name="warning" className="text-bad" />
          The source could not be opened
        </h2>
        <p className="m-0">{problem && printable(problem)}</p>
        {ref !== null && ref.kind !== "files" && (
          <button type="button" className="btn btn-main" onClick={() => source.tryAgain()}>
            Try again
          </button>
        )}
        <button type="button" className="btn" onClick={choose}>
          Open another file…
        </button>
        {afresh}
      </section>
    );
  }
  return null;
}
