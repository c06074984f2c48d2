import { mount } from '../frame/mount.tsx';
import { ConvolutionPage } from './page.tsx';

mount(<ConvolutionPage />);
