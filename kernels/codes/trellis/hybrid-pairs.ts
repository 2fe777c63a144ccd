export const pairs = () => new Float32Array(1024);
