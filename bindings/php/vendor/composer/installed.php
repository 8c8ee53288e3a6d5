<?php return array(
    'root' => array(
        'name' => 'bartizan/bartizan',
        'pretty_version' => '0.1.0',
        'version' => '0.1.0.0',
        'reference' => null,
        'type' => 'library',
        'install_path' => __DIR__ . '/../../',
        'aliases' => array(),
        'dev' => true,
    ),
    'versions' => array(
        'bartizan/bartizan' => array(
            'pretty_version' => '0.1.0',
            'version' => '0.1.0.0',
            'reference' => null,
            'type' => 'library',
            'install_path' => __DIR__ . '/../../',
            'aliases' => array(),
            'dev_requirement' => false,
        ),
    ),
);
