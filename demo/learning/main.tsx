import { mount } from '../frame/mount.tsx';
import { LearningPage } from './page.tsx';

mount(<LearningPage />);
