/** What an experiment takes over a tensor, found from the arrays that its recipes make. */
import { prepareRecipe } from "../../kernels/index.ts";
import { parseDefinition, parseRecipe } from "../../kernels/notation/index.ts";
import type { Plan } from "../../kernels/plan/plan.ts";
import { DECODED_BYTES, viewBytes } from "../../workers/runs/memory.ts";
import type { TensorInfo } from "../../workers/tensors/info.ts";
import { sampleShape } from "../../workers/tensors/sample.ts";
import { matrixShape } from "../../workers/tensors/shape.ts";
import type { Experiment } from "../state/experiment.ts";
import { givenOf } from "../state/others.ts";

/**
 * The most bytes that the page takes for A and B over a tensor, or over a sample of `sample` values: decoded values, scales, and the
 * results on the screen beside those that replace them. A recipe that does not fit takes nothing.
 */
export function memoryOf(experiment: Experiment, tensor: TensorInfo, sample?: number): number {
  const whole = matrixShape(tensor.name, tensor.shape, experiment.view ?? tensor.view);
  const { rows, cols } = sample === undefined ? whole : sampleShape(whole, sample);
  const held = 4 * tensor.elements <= DECODED_BYTES ? 4 * tensor.elements : 0;
  let bytes = 0;
  const plans: Plan[] = [];
  for (const text of [experiment.a, experiment.b]) {
    try {
      const definitions = experiment.definitions.map((definition) => parseDefinition(definition));
      plans.push(prepareRecipe(parseRecipe(text, { definitions }), definitions, rows, cols));
      // Values are decoded for each recipe, and once more where another checkpoint stands beside them.
      bytes += held * (givenOf(text) === null ? 1 : 2);
    } catch {
      // Its mistake stands below it.
    }
  }
  return bytes + viewBytes(plans);
}
