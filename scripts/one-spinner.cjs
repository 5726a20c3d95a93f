/** In place of cli-spinners: on a terminal oclif has its spinner ready from the start, and peerpid never shows it. */
exports.dots2 = { interval: 80, frames: ['.'] };
