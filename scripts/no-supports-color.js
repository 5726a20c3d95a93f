/** In place of what chalk would find out by asking for terminals, which loads all that Node has for networks: src/output/style.ts decides. */
export default { stdout: false, stderr: false };
