const two = (number: number): string => String(number).padStart(2, '0');

/** The time of day here, of an ISO 8601 time: `14:03:09`. */
export function timeOfDay(iso: string): string {
  const time = new Date(iso);
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

/** The date and the time of day here, of an ISO 8601 time. */
export function localTime(iso: string): string {
  const time = new Date(iso);
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${timeOfDay(iso)}`;
}
