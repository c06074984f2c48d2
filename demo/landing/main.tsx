import { mount } from '../frame/mount.tsx';
import { start } from './client.ts';
import { deal } from './game.ts';
import { LandingPage } from './page.tsx';

mount(<LandingPage />);
start();
deal().catch(reportError);
