// Days, hours and the time of the US east coast. A day is a number of days since 1970, an hour of hours, a time of milliseconds.

export const SECOND = 1000;
export const HOUR = 3600 * SECOND;
export const DAY = 24 * HOUR;

/** `2024-03-10` */
export const dateOf = (/** @type {number} */ day) => new Date(day * DAY).toISOString().slice(0, 10);

/** `2024-03-10T00:00:00Z` */
export const secondOf = (/** @type {number} */ time) => `${new Date(time).toISOString().slice(0, 19)}Z`;

export const dayOf = (/** @type {number} */ time) => Math.floor(time / DAY);

/**
 * The day of `2024-03-10`.
 *
 * @param {string} text
 * @returns {number | null} `null` where it is no day of the calendar
 */
export function parseDate(text) {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) {
    return null;
  }
  const time = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(time) || dateOf(time / DAY) !== text ? null : time / DAY;
}

/**
 * The time of an RFC 3339 text, or of a day at midnight UTC.
 *
 * @param {string} text
 * @returns {number | null}
 */
export function parseTime(text) {
  const day = parseDate(text);
  if (day !== null) {
    return day * DAY;
  }
  if (!/^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)?$/.test(text)) {
    return null;
  }
  const zoned = /([Zz]|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`;
  const time = Date.parse(zoned.toUpperCase().replace(" ", "T"));
  return Number.isNaN(time) ? null : time;
}

/** The same day of a later month, or its last one where it has no such day. */
export function addMonths(/** @type {number} */ day, /** @type {number} */ months) {
  const date = new Date(day * DAY);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + months];
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(date.getUTCDate(), last)) / DAY;
}

/** The n-th Sunday of a month (0 is January). */
function sunday(/** @type {number} */ year, /** @type {number} */ month, /** @type {number} */ n) {
  const first = Date.UTC(year, month, 1) / DAY;
  const weekday = new Date(first * DAY).getUTCDay();
  return first + ((7 - weekday) % 7) + 7 * (n - 1);
}

/** Hours that the east coast is behind UTC when its day begins; clocks change at two in the night (since 2007). */
function hoursBehind(/** @type {number} */ day) {
  const year = new Date(day * DAY).getUTCFullYear();
  return day > sunday(year, 2, 2) && day <= sunday(year, 10, 1) ? 4 : 5;
}

/** When a day of the east coast begins. */
export const easternMidnight = (/** @type {number} */ day) => day * DAY + hoursBehind(day) * HOUR;

/** The day it is on the east coast. */
export function easternDay(/** @type {number} */ time) {
  const day = dayOf(time);
  return time >= easternMidnight(day) ? day : day - 1;
}

/** A time as the clocks of the east coast show it: `2024-03-10T00:00:00-05:00`. Whole hours. */
export function eastern(/** @type {number} */ time) {
  const day = easternDay(time);
  const changed = hoursBehind(day + 1);
  // Until two o'clock, times have the offset of the day's beginning; after it, that of the next day.
  const behind = changed !== hoursBehind(day) && time >= day * DAY + 7 * HOUR - (changed === 5 ? HOUR : 0) ? changed : hoursBehind(day);
  return `${new Date(time - behind * HOUR).toISOString().slice(0, 19)}-0${behind}:00`;
}
