/** Numbers as mathematics writes them: with a minus sign that is as wide as a plus. */
export const signed = (value: number) => String(value).replace('-', '−');

/** At most three decimals. */
export const short = (value: number) => signed(Number(value.toFixed(3)));

/** Decimals to show of a number. */
export const digitsOf = (value: number) => (Number.isInteger(value) ? 0 : 3);
