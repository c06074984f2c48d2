import 'neurite/worker/start';
