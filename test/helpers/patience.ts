/** How much longer than usual everything may take: more than 1 in an emulated machine. */
export const patience = Number(process.env['PEERPID_TEST_PATIENCE'] ?? 1);
