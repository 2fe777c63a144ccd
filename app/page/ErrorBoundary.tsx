/** Catches what goes wrong while drawing. The experiment is in the address and in the browser's memory, so nothing is lost. */
import { Component, type ReactNode } from "react";
import { download } from "../files/download.ts";
import { EXPERIMENT_FILE, printExperimentFile } from "../link/file.ts";
import type { Experiment } from "../state/experiment.ts";
import { messageOf } from "../state/notices.ts";
import { forgetFailedParts } from "../widgets/lazyPart.ts";

interface Props {
  children: ReactNode;
  /** What failed, to a person: "The Bench". */
  what: string;
  /** Another value tries again. */
  resetOn?: unknown;
  experiment: () => Experiment;
}

export class ErrorBoundary extends Component<Props, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override componentDidUpdate(before: Props) {
    if (this.state.error !== null && before.resetOn !== this.props.resetOn) this.tryAgain();
  }

  private tryAgain(): void {
    forgetFailedParts();
    this.setState({ error: null });
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    const save = () => download(printExperimentFile(this.props.experiment()), EXPERIMENT_FILE, "application/json");
    return (
      <section role="alert" className="m-auto flex max-w-xl flex-col items-start gap-3 p-6">
        <h2 className="m-0 font-semibold text-lg">{this.props.what} could not be drawn</h2>
        <p className="m-0">{messageOf(this.state.error)}</p>
        <p className="m-0 text-muted">Your experiment is kept: it is in the address of this page.</p>
        <div className="flex gap-2">
          <button type="button" className="btn btn-main" onClick={() => this.tryAgain()}>
            Try again
          </button>
          <button type="button" className="btn" onClick={save}>
            Save the experiment
          </button>
          <button type="button" className="btn" onClick={() => location.reload()}>
            Reload
          </button>
        </div>
      </section>
    );
  }
}
