/** Numbers as mathematics writes them: with a minus sign that is as wide as a plus. */
export const signed = (value: number) => String(value).replace('-', '−');
