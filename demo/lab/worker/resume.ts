export { resume } from 'neurite';
