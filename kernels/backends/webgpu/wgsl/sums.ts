/**
 * The only float operation of all shaders. Nothing that is decided or counted rests on it, so a GPU may round it as it
 * likes; tests replace it by worse ones to show so. Terms are scaled to lie far from both ends of the range.
 */
export const sumsWgsl = /* wgsl */ `
fn float_sum(a: f32, b: f32) -> f32 { return a + b; }
`;
