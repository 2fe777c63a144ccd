import type { InputsOf } from "../../export/plan.ts";
import type { FileDone, FileRequest } from "../../export/request.ts";
import { Runs } from "../../runs/runs.ts";
import type { Job } from "../job.ts";

export interface SaveFileRequest extends FileRequest {
  /**
   * The file that was picked: its handle crosses the boundary, its bytes do not. With `null` it is written to the browser's own
   * storage, to be downloaded.
   */
  handle: FileSystemFileHandle | null;
}

/** Writes a file piece by piece. A cancelled one leaves no file behind. */
export const saveFile: Job<SaveFileRequest, FileDone> = {
  async work({ handle, ...request }, workbench, control) {
    // Results of its own: those that the page looks at stay at hand.
    const own = new Runs(workbench.backends);
    const [{ openDestination }, save] = await Promise.all([
      import("../../export/destinations.ts"),
      import("../../export/save.ts"),
    ]);
    const open = () => openDestination(handle);
    const { calibration: id } = request;
    const inputsOf: InputsOf | null =
      id === undefined
        ? null
        : (weight) => ({
            key: id,
            async open(own) {
              const { inputsAmongMany } = await import("../../calibration/inputs.ts");
              return inputsAmongMany(await workbench.calibration(id), weight, own);
            },
          });
    return save.saveFile(await workbench.source(request.source), request, open, own, control, inputsOf);
  },
};
