/** The library that draws charts: a module of its own, since it is larger than all else here and comes with the first chart. */
export { default } from 'uplot';
