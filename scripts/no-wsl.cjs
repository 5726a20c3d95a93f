/** In place of wsl-utils, which asks at each start whether this is Windows Subsystem for Linux: there it is Linux, too. */
exports.isWsl = false;
