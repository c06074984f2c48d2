import { mount } from '../frame/mount.tsx';
import { start } from './client.ts';
import { deal } from './game.ts';
import { LandingPage } from './page.tsx';

mount(<LandingPage />);
deal().catch(reportError); // the first pictures are there before the engine
start();
