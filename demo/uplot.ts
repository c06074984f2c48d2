/** uPlot with its styles, in whatever locale the browser runs. */
import './language.ts';
import 'uplot/dist/uPlot.min.css';

export { default } from 'uplot';
