/** The name of the bus itself. */
export const busName = 'org.freedesktop.DBus';
