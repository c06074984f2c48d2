/** The page for engineers: what a network becomes on the GPU. */
import { mount } from '../frame/mount.tsx';
import '../styles/draw.css';
import '../styles/machine.css';
import { MachinePage } from './page.tsx';
import { start } from './state.ts';

mount(<MachinePage />);
await start();
