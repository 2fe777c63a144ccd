import type { StepProgram } from "../program.ts";
import { storeInPython } from "../program.ts";
import type { ClampParams } from "./index.ts";

/** The clamp in a NumPy program. */
export const clampProgram = ({ q, values }: ClampParams, at: number): StepProgram => ({
  functions: [],
  forward: `
sizes${at} = np.sort(np.abs(x[np.isfinite(x)])).astype(np.float64)
place${at} = ${q} * (sizes${at}.size - 1)
below${at} = int(np.floor(place${at}))
end${at} = np.inf
if sizes${at}.size:
    end${at} = sizes${at}[below${at}]
    if place${at} != below${at}:
        end${at} = np.float32(end${at} + (place${at} - below${at}) * (sizes${at}[below${at} + 1] - end${at}))
cut${at} = np.where(np.isfinite(x), np.clip(x, -np.float32(end${at}), np.float32(end${at})), x)
places${at} = np.flatnonzero((np.isfinite(x) & (cut${at} != x)).ravel())
kept${at} = x.ravel()[places${at}] - cut${at}.ravel()[places${at}]
${values ? `kept${at} = ${storeInPython(`kept${at}`, values)}\n` : ""}x = cut${at}`.trim(),
  back: values
    ? `
result = np.ascontiguousarray(result)
result.ravel()[places${at}] += kept${at}`.trim()
    : "",
});
