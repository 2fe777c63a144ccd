import { beforeEach, describe, expect, it } from "vitest";
import { file, settle, started } from "../testing/workbench.ts";
import { type CalibrationRef, withCalibration } from "./experiment.ts";
import { noticesStore } from "./notices.ts";

beforeEach(() => noticesStore.setState({ notices: [] }));

const synthetic: CalibrationRef = { kind: "synthetic", text: "white(tokens=2048,seed=1)" };

describe("a calibration", () => {
  it("is opened as the experiment names it, stands in every request, and is closed when it goes", async () => {
    const { w, runs, closed } = await started();
    w.timeline.change((e) => withCalibration(e, synthetic));
    await settle();
    const { info, status } = w.calibration.store.getState();
    expect(status).toBe("open");
    expect(runs.at(-1)!.request.target.calibration).toBe(info!.id);
    w.timeline.change((e) => ({ ...e, activations: "int8/row" }));
    await settle();
    expect(runs.at(-1)!.request.target.activations).toBe("int8/row");
    w.timeline.change((e) => withCalibration(e, null));
    await settle();
    expect(closed).toContain(info!.id);
    expect(w.timeline.getState().experiment.activations).toBeNull();
    expect(runs.at(-1)!.request.target).not.toHaveProperty("calibration");
    w.timeline.undo();
    await settle();
    expect(w.timeline.getState().experiment).toMatchObject({ calibration: synthetic, activations: "int8/row" });
    expect(w.calibration.store.getState().status).toBe("open");
  });

  it("of a file is known again by its fingerprint, and others are told apart", async () => {
    const { w } = await started();
    await w.calibration.openFiles([file("X.npy", 8)]);
    const ref = w.timeline.getState().experiment.calibration!;
    expect(ref).toMatchObject({ kind: "files", taken: null });
    const other = await started();
    other.w.timeline.change((e) => withCalibration(e, ref));
    await settle();
    expect(other.w.calibration.store.getState().status).toBe("asked");
    // Whatever else there is to see is shown meanwhile.
    expect(other.runs.length).toBeGreaterThan(0);
    await other.w.calibration.openFiles([file("Y.npy", 9)]);
    expect(other.w.calibration.store.getState().status).toBe("asked");
    expect(noticesStore.getState().notices[0].text).toMatch(
      /^This is another file: the calibration of the link is X\.npy/,
    );
    expect(other.w.calibration.asksFor([{ name: "X.npy", size: 8 }])).toBe(true);
    await other.w.calibration.openFiles([file("X.npy", 8)]);
    expect(other.w.calibration.store.getState().status).toBe("open");
    expect(other.w.timeline.getState().experiment.calibration).toEqual(ref);
  });

  it("that cannot be opened says why, and the rest goes on without", async () => {
    const { w } = await started();
    await w.calibration.openFiles([file("bad.npy", 8)]);
    expect(noticesStore.getState().notices).toHaveLength(1);
    expect(w.timeline.getState().experiment.calibration).toBeNull();
  });
});
